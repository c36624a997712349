// The English of contracts in the office.

import type { Translation } from "../index.ts";
import type { zh } from "../zh/contracts.ts";

export const en: Translation<typeof zh> = {
  "contract.title": "Contracts",
  "contract.note": "The contract says whether photos that leave the company keep their location",
  "contract.contract": "Contract",
  "contract.term": "Term",
  "contract.span": "{from} to {to}",
  "contract.place": "Photo location",
  "contract.stripped": "removed",
  "contract.kept": "kept",
  "contract.change": "Change",
  "contract.changeOf": "Change the photo location of contract {number}",
  "contract.to.kept": "Keep the photo location under contract {number}?",
  "contract.to.stripped": "Remove the photo location under contract {number}?",
  "contract.means.kept":
    "From now on, photos downloaded from the office say where and when they were taken, and the location is shown beside them. Make sure that the contract allows it.",
  "contract.means.stripped":
    "From now on, photos downloaded from the office do not say where they were taken, and the location is no longer shown. The originals stay untouched.",
  "contract.do.kept": "Keep location",
  "contract.do.stripped": "Remove location",
  "contract.leave": "Leave as is",
  "contract.loading": "Loading contracts",
  "contract.none": "There are no contracts for you to manage.",
};
