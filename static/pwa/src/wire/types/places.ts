// The types of `schemas`' places.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Id, Line, Minutes, Name, Text } from "./names.ts";

export interface Contact {
  readonly name: Name;
  readonly title?: Line;
  readonly phone?: Line;
}

export interface Contract {
  readonly customer: Id;
  readonly number: Line;
  readonly title: Name;
  readonly starts_on: string;
  readonly ends_on: string;
  readonly accept_minutes?: Minutes;
  readonly remote_minutes?: Minutes;
  readonly onsite_minutes?: Minutes;
  readonly spare_parts?: boolean;
  readonly photo_place?: "kept" | "stripped";
}

export interface ContractSummary {
  readonly id: Id;
  readonly number: Line;
  readonly ends_on: string;
}

export interface Customer {
  readonly name: Name;
  readonly short_name: Name;
  readonly contacts?: readonly Contact[];
  readonly remarks?: Text;
}

/** What a tablet needs to know of a customer, copied onto each of its sites. */
export interface CustomerSummary {
  readonly id: Id;
  readonly name: Name;
  readonly short_name: Name;
}

export interface Room {
  readonly site: Id;
  readonly name: Name;
  readonly kind: "network" | "office" | "other" | "server-room" | "shop" | "ups";
  readonly floor?: Line;
  readonly note?: Text;
}

/** A place where work is done. Its scope is `site:<its own id>`. */
export interface Site {
  readonly name: Name;
  readonly city: Name;
  readonly address?: Line;
  readonly time_zone?: string;
  readonly customer: CustomerSummary;
  readonly contract?: ContractSummary | null;
  readonly contacts?: readonly Contact[];
  readonly access?: Text;
}
