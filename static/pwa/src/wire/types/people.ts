// The types of `schemas`' people.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type { Words } from "./base.ts";
import type {
  Count,
  DeviceState,
  Id,
  Instant,
  Language,
  Line,
  LoginName,
  Name,
  NewPassword,
  Role,
} from "./names.ts";
import type { StillHeld } from "./office_files.ts";

/** Nothing of the person's work is touched; `rounds` wait for somebody else, soonest first. */
export interface Deactivated {
  readonly person: PersonSummary;
  readonly rounds?: readonly HandOver[];
  readonly rounds_total?: Count;
  readonly devices_draining?: Count;
}

/** `draining` lets it send what it holds; `dead` refuses it at once. */
export interface DeviceEnd {
  readonly state: "dead" | "draining";
}

export interface DevicePage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly DeviceSummary[];
}

export interface DeviceSummary {
  readonly id: Id;
  readonly name: Name;
  readonly person: Id;
  readonly person_name: Name;
  readonly state: DeviceState;
  readonly app_version?: Line;
  readonly enrolled_at: Instant;
  readonly seen_at?: Instant | null;
  readonly ended_at?: Instant | null;
  readonly unsent?: Count;
  readonly unsent_since?: Instant | null;
  readonly photos_left?: Count;
  readonly held?: StillHeld | null;
}

/** A role at a customer, a contract or a site; an administrator's names none of them. */
export interface GrantSummary {
  readonly id: Id;
  readonly role: Role;
  readonly customer?: Id | null;
  readonly contract?: Id | null;
  readonly site?: Id | null;
  readonly granted_at: Instant;
}

/** An open round that still names somebody who left. */
export interface HandOver {
  readonly assignment: Id;
  readonly site: Id;
  readonly site_name?: Line;
  readonly title?: Words | null;
  readonly due_at?: Instant | null;
  readonly backup?: boolean;
}

export interface LanguageChange {
  readonly language: Language;
}

/** `POST /office/login`. Any text is taken here, so that the answer is the same for all. */
export interface LoginRequest {
  readonly login: Line;
  readonly password: string;
}

/** `GET /office/me`. `csrf` goes into the header `X-CSRF-Token` of every write. */
export interface Me {
  readonly person: Id;
  readonly login: LoginName;
  readonly name: Name;
  readonly language: Language;
  readonly grants: readonly GrantSummary[];
  readonly may: readonly string[];
  readonly csrf: string;
  readonly expires_at: Instant;
}

/** Exactly one place is named, or none for an administrator. */
export interface NewGrant {
  readonly role: Role;
  readonly customer?: Id | null;
  readonly contract?: Id | null;
  readonly site?: Id | null;
}

/** Without a password the person can only use a device. */
export interface NewPerson {
  readonly login: LoginName;
  readonly name: Name;
  readonly phone?: Line;
  readonly email?: Line;
  readonly language?: Language;
  readonly password?: NewPassword | null;
}

export interface NewTicket {
  readonly person: Id;
}

export interface PasswordChange {
  readonly current: string;
  readonly new: NewPassword;
}

/** What is not named stays as it is. */
export interface PersonChange {
  readonly name?: Name | null;
  readonly phone?: Line | null;
  readonly email?: Line | null;
}

export interface PersonPage {
  readonly total: Count;
  readonly offset?: Count;
  readonly rows: readonly PersonSummary[];
}

export interface PersonSummary {
  readonly id: Id;
  readonly login: LoginName;
  readonly name: Name;
  readonly phone?: Line;
  readonly email?: Line;
  readonly language?: Language;
  readonly active?: boolean;
  readonly grants?: readonly GrantSummary[];
  readonly devices?: Count;
}

/** The link is shown once: the server keeps only its hash. */
export interface TicketAnswer {
  readonly person: Id;
  readonly person_name: Name;
  readonly link: string;
  readonly qr_svg: string;
  readonly expires_at: Instant;
}
