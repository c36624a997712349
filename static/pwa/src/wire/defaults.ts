// What an absent member means.
// Generated from `schemas/` by `./dev wire`: do not edit. Rule: the wire knows nothing of the app.

export const DEFAULTS = {
  Answer: {
    na: false,
    reason: "",
    note: "",
    rest: false,
  },
  Asset: {
    number: "",
    maker: "",
    model: "",
    serial: "",
    position: "",
    status: "in-use",
    provisional: false,
    vendor_phone: "",
    responsible: "",
    note: "",
    attributes: {},
    last: {},
  },
  Assignment: {
    state: "planned",
    note: "",
  },
  Attachment: {
    item: "",
    name: "",
    width: 0,
    height: 0,
    caption: "",
  },
  Calculated: {
    required: true,
    unit: "",
    decimals: 1,
  },
  Check: {
    required: true,
    photo_on_fail: true,
    rest: true,
    severity: "minor",
  },
  Choice: {
    required: true,
    multiple: false,
  },
  Compare: {
    is: "equal",
  },
  Contact: {
    title: "",
    phone: "",
  },
  Contract: {
    accept_minutes: 30,
    remote_minutes: 120,
    onsite_minutes: 1440,
    spare_parts: false,
  },
  Counter: {
    required: true,
    unit: "",
  },
  Customer: {
    contacts: [],
    remarks: "",
  },
  DateItem: {
    required: true,
    expires: false,
  },
  DeviceSummary: {
    app_version: "",
    unsent: 0,
  },
  Disposition: {
    record_kind: "",
    fields: [],
  },
  Element: {
    name: "",
    order: 0,
    answers: {},
  },
  End: {
    more: false,
  },
  EnrolRequest: {
    app_version: "",
    language: "zh-CN",
  },
  Finding: {
    item: "",
    recommendation: "",
    step: {},
    owner: "",
    reason: "",
    follow_ups: {},
  },
  FindingStep: {
    round: 1,
    step: "open",
  },
  Form: {
    limits: [],
  },
  Group: {
    required: true,
    places: [],
    count_min: 0,
    layout: "list",
  },
  Inspection: {
    answers: {},
    elements: {},
    remarks: {},
    note: "",
    step: {},
  },
  Item: {
    required: true,
  },
  LastReading: {
    verdict: "normal",
  },
  Made: {
    monotonic_ms: 0,
  },
  Member: {
    phone: "",
  },
  NewPerson: {
    phone: "",
    email: "",
    language: "zh-CN",
  },
  NumberItem: {
    required: true,
    unit: "",
    decimals: 1,
  },
  Op: {
    base: 0,
    new: false,
    set: {},
    add: {},
    remove: {},
    withdraw: false,
  },
  Option: {
    verdict: "normal",
  },
  PersonSummary: {
    phone: "",
    email: "",
    language: "zh-CN",
    active: true,
    grants: [],
  },
  PhotoItem: {
    required: true,
    count_min: 1,
  },
  Place: {
    row: 0,
    column: 0,
  },
  Plan: {
    window_days: 14,
    paused: false,
  },
  Problem: {
    detail: "",
    errors: [],
    supported: [],
  },
  PullRequest: {
    limit: 1000,
  },
  PushAnswer: {
    outcomes: [],
    heads: {},
    void: [],
  },
  Remark: {
    item: "",
    round: 1,
  },
  Review: {
    reason: "",
  },
  Room: {
    floor: "",
    note: "",
  },
  ScopeState: {
    left: 0,
  },
  Serial: {
    required: true,
    of_asset: false,
  },
  Settled: {
    by_name: "",
    words: "",
  },
  Signature: {
    item: "",
    name: "",
    title: "",
    strokes: "",
    absent_reason: "",
    device_signature: "",
  },
  SignatureItem: {
    required: true,
  },
  Site: {
    address: "",
    time_zone: "Asia/Shanghai",
    contacts: [],
    access: "",
  },
  Step: {
    round: 1,
    step: "draft",
  },
  Tag: {
    retired: false,
  },
  Target: {
    withdrawn: false,
  },
  TextItem: {
    required: true,
    multiline: false,
  },
  Visit: {
    contact: "",
    problems: {},
    note: "",
  },
} as const;
