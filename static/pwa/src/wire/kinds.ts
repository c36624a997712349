// Every kind of record, and how its fields merge.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

import type {
  Anchor,
  Asset,
  Assignment,
  Attachment,
  Contract,
  Customer,
  Disposition,
  Finding,
  Inspection,
  Key,
  Member,
  Plan,
  Room,
  Signature,
  Site,
  Tag,
  Template,
  Visit,
} from "./types.ts";

/** The body of a record, by its kind. */
export interface Bodies {
  readonly template: Template;
  readonly customer: Customer;
  readonly contract: Contract;
  readonly plan: Plan;
  readonly site: Site;
  readonly room: Room;
  readonly asset: Asset;
  readonly tag: Tag;
  readonly assignment: Assignment;
  readonly visit: Visit;
  readonly inspection: Inspection;
  readonly finding: Finding;
  readonly attachment: Attachment;
  readonly signature: Signature;
  readonly member: Member;
  readonly disposition: Disposition;
  readonly anchor: Anchor;
  readonly key: Key;
}

export type KindName = keyof Bodies;

export const KINDS = {
  template: {
    home: { by: "org", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      key: { rule: "office", device: false },
      version_no: { rule: "office", device: false },
      title: { rule: "office", device: false },
      category: { rule: "office", device: false },
      form: { rule: "office", device: false },
      published_at: { rule: "office", device: false },
      superseded_by: { rule: "office", device: false },
    },
  },
  customer: {
    home: { by: "office", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      name: { rule: "office", device: false },
      short_name: { rule: "office", device: false },
      contacts: { rule: "office", device: false },
      remarks: { rule: "office", device: false },
    },
  },
  contract: {
    home: { by: "office", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      customer: { rule: "office", device: false },
      number: { rule: "office", device: false },
      title: { rule: "office", device: false },
      starts_on: { rule: "office", device: false },
      ends_on: { rule: "office", device: false },
      accept_minutes: { rule: "office", device: false },
      remote_minutes: { rule: "office", device: false },
      onsite_minutes: { rule: "office", device: false },
      spare_parts: { rule: "office", device: false },
      photo_place: { rule: "office", device: false },
    },
  },
  plan: {
    home: { by: "office", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      title: { rule: "office", device: false },
      contract: { rule: "office", device: false },
      sites: { rule: "office", device: false },
      categories: { rule: "office", device: false },
      templates: { rule: "office", device: false },
      rrule: { rule: "office", device: false },
      starts_on: { rule: "office", device: false },
      ends_on: { rule: "office", device: false },
      window_days: { rule: "office", device: false },
      paused: { rule: "office", device: false },
    },
  },
  site: {
    home: { by: "self", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      name: { rule: "office", device: false },
      city: { rule: "office", device: false },
      address: { rule: "office", device: false },
      time_zone: { rule: "office", device: false },
      customer: { rule: "office", device: false },
      contract: { rule: "office", device: false },
      contacts: { rule: "office", device: false },
      access: { rule: "office", device: false },
    },
  },
  room: {
    home: { by: "site", field: "site" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      site: { rule: "fixed", device: true },
      name: { rule: "register", device: true },
      kind: { rule: "office", device: false },
      floor: { rule: "register", device: true },
      note: { rule: "register", device: true },
    },
  },
  asset: {
    home: { by: "site", field: "site" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      site: { rule: "register", device: true },
      room: { rule: "register", device: true },
      name: { rule: "register", device: true },
      number: { rule: "register", device: true },
      category: { rule: "register", device: true },
      maker: { rule: "register", device: true },
      model: { rule: "register", device: true },
      serial: { rule: "register", device: true },
      position: { rule: "register", device: true },
      status: { rule: "register", device: true },
      provisional: { rule: "register", device: true },
      warranty_until: { rule: "register", device: true },
      vendor_phone: { rule: "register", device: true },
      responsible: { rule: "register", device: true },
      note: { rule: "register", device: true },
      attributes: { rule: "registers", device: true },
      last: { rule: "office", device: false },
      merged_into: { rule: "office", device: false },
    },
  },
  tag: {
    home: { by: "record", field: "asset" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      code: { rule: "fixed", device: true },
      asset: { rule: "register", device: true },
      bound_at: { rule: "register", device: true },
      retired: { rule: "register", device: true },
    },
  },
  assignment: {
    home: { by: "site", field: "site" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      site: { rule: "office", device: false },
      plan: { rule: "office", device: false },
      occurrence: { rule: "office", device: false },
      title: { rule: "office", device: false },
      targets: { rule: "office", device: false },
      starts_at: { rule: "office", device: false },
      due_at: { rule: "office", device: false },
      assignee: { rule: "register", device: true },
      backup: { rule: "office", device: false },
      state: { rule: "office", device: false },
      note: { rule: "office", device: false },
    },
  },
  visit: {
    home: { by: "site", field: "site" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      site: { rule: "fixed", device: true },
      assignment: { rule: "fixed", device: true },
      engineer: { rule: "fixed", device: true },
      engineer_name: { rule: "fixed", device: true },
      started_at: { rule: "register", device: true },
      ended_at: { rule: "register", device: true },
      contact: { rule: "register", device: true },
      problems: {
        rule: "grow", device: true,
        element: {
          text: "register",
          at: "register",
        },
      },
      note: { rule: "register", device: true },
    },
  },
  inspection: {
    home: { by: "record", field: "asset" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      asset: { rule: "fixed", device: true },
      template: { rule: "fixed", device: true },
      assignment: { rule: "fixed", device: true },
      inspector: { rule: "fixed", device: true },
      inspector_name: { rule: "fixed", device: true },
      started_at: { rule: "fixed", device: true },
      answers: { rule: "registers", device: true },
      elements: {
        rule: "grow", device: true,
        element: {
          group: "register",
          name: "register",
          order: "register",
          answers: "registers",
        },
      },
      remarks: {
        rule: "grow", device: true,
        element: {
          text: "register",
          item: "register",
          author: "register",
          author_name: "register",
          origin: "register",
          round: "register",
          at: "register",
        },
      },
      replacements: {
        rule: "grow", device: true,
        element: {
          part: "register",
          old: "register",
          new: "register",
          at: "register",
        },
      },
      note: { rule: "register", device: true },
      step: { rule: "forward", device: true },
      review: { rule: "office", device: false },
    },
  },
  finding: {
    home: { by: "record", field: "asset" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      asset: { rule: "fixed", device: true },
      inspection: { rule: "fixed", device: true },
      item: { rule: "fixed", device: true },
      severity: { rule: "register", device: true },
      text: { rule: "register", device: true },
      recommendation: { rule: "register", device: true },
      found_at: { rule: "fixed", device: true },
      step: { rule: "office", device: false },
      owner: { rule: "office", device: false },
      due_on: { rule: "office", device: false },
      reason: { rule: "office", device: false },
      follow_ups: {
        rule: "grow", device: true,
        element: {
          text: "register",
          author: "register",
          author_name: "register",
          at: "register",
        },
      },
    },
  },
  attachment: {
    home: { by: "record", field: "parent" },
    device_creates: true,
    deviceWithdraws: true,
    fields: {
      parent: { rule: "fixed", device: true },
      parent_kind: { rule: "fixed", device: true },
      item: { rule: "fixed", device: true },
      sha256: { rule: "fixed", device: true },
      bytes: { rule: "fixed", device: true },
      media_type: { rule: "fixed", device: true },
      name: { rule: "fixed", device: true },
      width: { rule: "fixed", device: true },
      height: { rule: "fixed", device: true },
      taken_at: { rule: "fixed", device: true },
      caption: { rule: "register", device: true },
      moment: { rule: "register", device: true },
      received_at: { rule: "office", device: false },
    },
  },
  signature: {
    home: { by: "record", field: "of" },
    device_creates: true,
    deviceWithdraws: false,
    fields: {
      of: { rule: "fixed", device: true },
      of_kind: { rule: "fixed", device: true },
      role: { rule: "fixed", device: true },
      item: { rule: "fixed", device: true },
      name: { rule: "fixed", device: true },
      title: { rule: "fixed", device: true },
      strokes: { rule: "fixed", device: true },
      absent_reason: { rule: "fixed", device: true },
      document: { rule: "fixed", device: true },
      digest: { rule: "fixed", device: true },
      signed_at: { rule: "fixed", device: true },
      device_signature: { rule: "fixed", device: true },
    },
  },
  member: {
    home: { by: "site", field: "site" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      site: { rule: "office", device: false },
      person: { rule: "office", device: false },
      name: { rule: "office", device: false },
      role: { rule: "office", device: false },
      phone: { rule: "office", device: false },
      active: { rule: "office", device: false },
    },
  },
  disposition: {
    home: { by: "device", field: "device" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      device: { rule: "office", device: false },
      op: { rule: "office", device: false },
      n: { rule: "office", device: false },
      outcome: { rule: "office", device: false },
      record_kind: { rule: "office", device: false },
      record: { rule: "office", device: false },
      problem: { rule: "office", device: false },
      fields: { rule: "office", device: false },
      cause: { rule: "office", device: false },
      at: { rule: "office", device: false },
      settled: { rule: "office", device: false },
    },
  },
  anchor: {
    home: { by: "org", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      epoch: { rule: "office", device: false },
      day: { rule: "office", device: false },
      root: { rule: "office", device: false },
      previous: { rule: "office", device: false },
      writers: { rule: "office", device: false },
    },
  },
  key: {
    home: { by: "org", field: "" },
    device_creates: false,
    deviceWithdraws: false,
    fields: {
      device: { rule: "office", device: false },
      person: { rule: "office", device: false },
      public_key: { rule: "office", device: false },
      thumbprint: { rule: "office", device: false },
      registered_at: { rule: "office", device: false },
    },
  },
} as const;
