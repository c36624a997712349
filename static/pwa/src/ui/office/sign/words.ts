// The words of visits and signatures, bound, with the kit's.

import { en } from "../../words/en/signed.ts";
import { area } from "../../words/index.ts";
import { kitEn, kitZh } from "../../words/kit.ts";
import { zh } from "../../words/zh/signed.ts";

export const t = area({ ...kitZh, ...zh }, { ...kitEn, ...en });
