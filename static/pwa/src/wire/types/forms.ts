// The types of `schemas`' forms.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type {
  Condition,
  Expression,
  FormItem,
  GroupedItem,
  Line,
  Severity,
  Slug,
  Text,
  Unit,
  Value,
} from "./names.ts";

/** One number from all elements of a group; elements without a number are passed over. */
export interface Aggregate {
  readonly type: "aggregate";
  readonly function: "count" | "max" | "mean" | "min" | "sum";
  readonly group: Slug;
  readonly item: Slug;
}

export interface AllOf {
  readonly type: "all";
  readonly of: readonly Condition[];
}

/**
 * What a person answered to one item; one register, so nothing of it is merged by halves.
 *
 * `value`: "pass" / "fail" of a check, a number, an option id, several, a text, an ISO date.
 */
export interface Answer {
  readonly value?: Value;
  readonly na?: boolean;
  readonly reason?: Text;
  readonly severity?: Severity | null;
  readonly note?: Text;
  readonly rest?: boolean;
}

export interface Answered {
  readonly type: "answered";
  readonly item: Slug;
}

export interface AnyOf {
  readonly type: "any";
  readonly of: readonly Condition[];
}

/** Never typed: worked out from readings, open while one of them is. */
export interface Calculated {
  readonly type: "calculated";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly expression: Expression;
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly limits?: Limits | null;
}

/** `dew_point` takes °C and % RH and gives °C (Magnus, WMO-No. 8 constants). */
export interface Call {
  readonly type: "call";
  readonly function:
    | "add"
    | "dew_point"
    | "divide"
    | "max"
    | "mean"
    | "min"
    | "multiply"
    | "subtract";
  readonly arguments: readonly Expression[];
}

/** Normal, abnormal, or not applicable with a reason. */
export interface Check {
  readonly type: "check";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly photo_on_fail?: boolean;
  readonly rest?: boolean;
  readonly severity?: Severity;
}

export interface Choice {
  readonly type: "choice";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly options: readonly Option[];
  readonly multiple?: boolean;
}

/** True when the item is answered, applicable, and its value stands so to `value`. */
export interface Compare {
  readonly type: "compare";
  readonly item: Slug;
  readonly is?: "above" | "below" | "equal" | "unequal";
  readonly value: Line | number | boolean;
}

/** A limit over several items at once; broken when `broken` is true. */
export interface CompoundLimit {
  readonly id: Slug;
  readonly broken: Condition;
  readonly verdict: "abnormal" | "warning";
  readonly words: Words;
  readonly items: readonly Slug[];
  readonly source: Words;
}

export interface Constant {
  readonly type: "constant";
  readonly value: number;
}

/** A counter that must not go down: less than the last visit's is abnormal (or replaced). */
export interface Counter {
  readonly type: "counter";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly unit?: Unit;
}

/** A calendar date. `expires`: a date before the day of the inspection is abnormal. */
export interface DateItem {
  readonly type: "date";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly expires?: boolean;
  readonly age_days_max?: number | null;
}

export interface Form {
  readonly sections: readonly Section[];
  readonly limits?: readonly CompoundLimit[];
}

/**
 * Items asked once per element: per disk, port, battery, or measuring point.
 *
 * With `places` the elements are fixed and known by the place's id, so that two engineers
 * offline write the same element; without, engineers add elements with minted ids.
 */
export interface Group {
  readonly type: "group";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly element: Words;
  readonly items: readonly GroupedItem[];
  readonly places?: readonly Place[];
  readonly count_min?: number;
  readonly layout?: "grid" | "list";
}

/** True when a multiple choice holds `option`. */
export interface Includes {
  readonly type: "includes";
  readonly item: Slug;
  readonly option: Slug;
}

/** What every item has. Ids are unique within a form and keep their meaning across versions. */
export interface Item {
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
}

/**
 * Bounds of a reading, each inclusive: at the limit is still within it.
 *
 * Outside an alarm limit a reading is abnormal; between warning and alarm it is a warning.
 * `source` is the norm, the maker or the contract: a limit is never shown without it.
 */
export interface Limits {
  readonly alarm_low?: number | null;
  readonly warning_low?: number | null;
  readonly warning_high?: number | null;
  readonly alarm_high?: number | null;
  readonly source: Words;
}

export interface Not {
  readonly type: "not";
  readonly of: Condition;
}

export interface NumberItem {
  readonly type: "number";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly unit?: Unit;
  readonly decimals?: number;
  readonly low?: number | null;
  readonly high?: number | null;
  readonly limits?: Limits | null;
}

export interface Option {
  readonly id: Slug;
  readonly title: Words;
  readonly verdict?: "abnormal" | "normal" | "warning";
}

/** Answered by attachments that name this item; the answer itself stays empty. */
export interface PhotoItem {
  readonly type: "photo";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly count_min?: number;
}

/** One fixed element of a group, for example a measuring point of a grid. */
export interface Place {
  readonly id: Slug;
  readonly title: Words;
  readonly row?: number;
  readonly column?: number;
}

/** The number answered to an item: of the same element first, then of the whole form. */
export interface Reading {
  readonly type: "reading";
  readonly item: Slug;
}

export interface Section {
  readonly id: Slug;
  readonly title: Words;
  readonly items: readonly FormItem[];
  readonly shown?: Condition | null;
}

/** A serial number by scan. `of_asset`: must equal the asset's own, else abnormal. */
export interface Serial {
  readonly type: "serial";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly of_asset?: boolean;
}

/** Answered by a signature record of this inspection that names this item. */
export interface SignatureItem {
  readonly type: "signature";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly statement: Words;
}

export interface TextItem {
  readonly type: "text";
  readonly id: Slug;
  readonly title: Words;
  readonly hint?: Words | null;
  readonly required?: boolean;
  readonly shown?: Condition | null;
  readonly multiline?: boolean;
}
