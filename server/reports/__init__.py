"""What a customer receives: the report of a visit or of a round, as PDF, CSV and XLSX.

`sources` reads what is there, in one transaction; `facts` says what a report says, in no language;
`page` puts it into words and `pdf` has typst set it. `making` is the job that does all of it.
Rule: a report is a function of its facts; the same facts make the same bytes.
"""
