// The words of contracts, bound.

import { en } from "../words/en/contracts.ts";
import { area } from "../words/index.ts";
import { zh } from "../words/zh/contracts.ts";

export const t = area(zh, en);
