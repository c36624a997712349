// The words of the pages that come apart and speak of work that was not taken, bound.

import { en } from "../words/en/mend.ts";
import { area } from "../words/index.ts";
import { zh } from "../words/zh/mend.ts";

export const m = area(zh, en);
