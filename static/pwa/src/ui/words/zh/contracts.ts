// What the office says of contracts, and of what each says of photos. Chinese first.

export const zh = {
  "contract.title": "合同",
  "contract.note": "照片离开本公司时是否带拍摄位置，由合同决定",
  "contract.contract": "合同",
  "contract.term": "期限",
  "contract.span": "{from} 至 {to}",
  "contract.place": "照片的拍摄位置",
  "contract.stripped": "去掉",
  "contract.kept": "保留",
  "contract.change": "更改",
  "contract.changeOf": "更改合同 {number} 的照片位置",
  "contract.to.kept": "合同 {number}：照片保留拍摄位置？",
  "contract.to.stripped": "合同 {number}：照片去掉拍摄位置？",
  "contract.means.kept":
    "此后从办公室下载的照片带有拍摄位置和时间，照片旁也显示位置。请确认合同里有此约定。",
  "contract.means.stripped":
    "此后从办公室下载的照片不带拍摄位置，照片旁也不再显示。原件仍完整保存。",
  "contract.do.kept": "保留位置",
  "contract.do.stripped": "去掉位置",
  "contract.leave": "不更改",
  "contract.loading": "正在载入合同",
  "contract.none": "没有由你管理的合同。",
} as const;
