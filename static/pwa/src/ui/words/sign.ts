// The words of signatures, bound: for the field, the office and whoever has a link.

import { en } from "./en/sign.ts";
import { area } from "./index.ts";
import { kitEn, kitZh } from "./kit.ts";
import { zh } from "./zh/sign.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });
