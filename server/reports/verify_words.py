"""The words of the page that verifies reports. Rule: HTML-safe text; nothing of a report."""

from schemas.base import Language

VERIFY_WORDS: dict[Language, dict[str, str]] = {
    "zh-CN": {
        "title": "报告核验",
        "language": "中文",
        "genuine": "真实有效",
        "genuine-more": "编号与本系统签发的报告一致，并且是最新版本。",
        "superseded": "真实，但已有新版本",
        "superseded-more": "这份报告由本系统签发，之后内容有变动，已由新版本取代。"
        "请向服务方索取新版本。",
        "unknown": "查无此报告",
        "unknown-more": "本系统没有签发过这个编号或这个文件的报告。可能是编号有误，"
        "文件已被改动，或者不是在这里签发的。",
        "made": "签发日期 {day}（UTC），第 {revision} 版。",
        "content": "内容摘要。请与纸面上的校验摘要对照：",
        "file": "核对 PDF 文件",
        "file-how": "选择手中的 PDF，浏览器会在本机计算它的摘要。文件不会上传，只用摘要查询。",
        "file-pick": "选择 PDF 文件",
        "file-none": "还没有选文件",
        "file-same": "文件与签发时逐字节一致，未被改动。",
        "file-genuine": "文件由本系统签发，是最新版本，未被改动；但它不是上面这个编号的那一份。",
        "file-superseded": "文件由本系统签发，未被改动；但已有新版本。",
        "file-altered": "文件已被改动，或者不是由本系统签发的。",
        "file-unable": "此浏览器不能在本页计算摘要（需要 HTTPS）。"
        "可用 sha256sum 计算后，在下面输入。",
        "file-later": "查询过于频繁，请稍后再试。",
        "file-busy": "正在计算",
        "code": "按编号核验",
        "code-how": "报告编号或文件的 SHA-256",
        "ask": "核验",
        "later": "查询过于频繁，请一分钟后再试。",
        "note": "此页不显示报告内容。编号真实只说明本系统签发过这份报告；"
        "手中的文件是否被改动，以核对 PDF 为准。",
    },
    "en": {
        "title": "Verify a report",
        "language": "English",
        "genuine": "Genuine",
        "genuine-more": "A report with this number was issued here, and it is the newest revision.",
        "superseded": "Genuine, and superseded",
        "superseded-more": "This report was issued here; what it tells has changed since, and a "
        "newer revision stands in its place. Ask for that one.",
        "unknown": "Unknown",
        "unknown-more": "No report with this number or this file was issued here. The number may "
        "be mistyped, the file altered, or the report issued elsewhere.",
        "made": "Issued on {day} (UTC), revision {revision}.",
        "content": "Digest of the content, to compare with the one on the paper:",
        "file": "Check the PDF",
        "file-how": "Choose the PDF that you have. Your browser works out its digest itself; the "
        "file is not uploaded, only the digest is looked up.",
        "file-pick": "Choose a PDF file",
        "file-none": "No file chosen",
        "file-same": "The file is exactly as it was issued.",
        "file-genuine": "The file was issued here, is the newest revision and unaltered; but it "
        "is not the one with the number above.",
        "file-superseded": "The file was issued here and is unaltered; a newer revision exists.",
        "file-altered": "The file was altered, or was not issued here.",
        "file-unable": "This browser cannot work out a digest on this page (that needs HTTPS). "
        "Work it out with sha256sum and enter it below.",
        "file-later": "Too many look-ups; try again in a minute.",
        "file-busy": "Working it out",
        "code": "By number",
        "code-how": "Report number, or the file's SHA-256",
        "ask": "Verify",
        "later": "Too many look-ups; try again in a minute.",
        "note": "This page shows nothing of a report. A genuine number only says that such a "
        "report was issued here; whether your file was altered is told by checking the PDF.",
    },
}
