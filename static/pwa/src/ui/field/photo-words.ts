// The words of the pages that come apart and speak of photos, bound.

import { en } from "../words/en/photos.ts";
import { area } from "../words/index.ts";
import { zh } from "../words/zh/photos.ts";

export const p = area(zh, en);
