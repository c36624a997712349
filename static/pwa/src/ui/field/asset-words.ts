// How an asset is named and placed on every screen of the field.

import type { Seen } from "../../core/work.ts";
import type { Session } from "../../sync/session.ts";
import type { Category } from "../../wire/types.ts";
import { t } from "./words.ts";

/** "核心数据库 01 · 华为 2288H V5"; the model is cut first where room is short. */
export function titleOf({ data }: Seen<"asset">): string {
  const model = modelOf(data);
  return model === "" ? data.name : `${data.name} · ${model}`;
}

export function modelOf({ maker = "", model = "" }: Seen<"asset">["data"]): string {
  return [maker, model].filter((part) => part !== "").join(" ");
}

/** "B 机房 · 07 柜 18U". */
export function placeOf({ records }: Session, { data }: Seen<"asset">): string {
  const room = data.room ? records.record("room", data.room)?.data.name : "";
  return [room, data.position].filter((part) => part).join(" · ");
}

export const CATEGORIES = [
  "server-room",
  "cold-aisle",
  "ups",
  "air-conditioner",
  "server",
  "network",
  "security",
  "backup",
  "database",
  "pos",
  "desktop",
  "printer",
] as const satisfies readonly Category[];

export function categoryWords(category: Category): string {
  return t(`category.${category}`);
}
