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
  AssetDetail: {
    tags: [],
    inspections: [],
    findings: [],
    titles: {},
    may: [],
  },
  AssetPage: {
    offset: 0,
  },
  AssetRow: {
    number: "",
    maker: "",
    model: "",
    serial: "",
    position: "",
    status: "in-use",
    provisional: false,
    room_name: "",
    codes: [],
    open_findings: 0,
  },
  Assignment: {
    state: "planned",
    note: "",
  },
  AssignmentDetail: {
    note: "",
    may: [],
  },
  AssignmentPage: {
    offset: 0,
  },
  AssignmentRow: {
    assignee_name: "",
    backup_name: "",
    is_overdue: false,
  },
  Attachment: {
    item: "",
    name: "",
    width: 0,
    height: 0,
    caption: "",
  },
  Before: {
    verdict: "normal",
  },
  BoundTag: {
    retired: false,
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
  ConflictRow: {
    title: "",
    theirs_by: "",
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
  Deactivated: {
    rounds: [],
    rounds_total: 0,
    devices_draining: 0,
  },
  Decision: {
    reason: "",
    remarks: [],
  },
  DeviceReport: {
    app_version: "",
  },
  DeviceSummary: {
    app_version: "",
    unsent: 0,
    photos_left: 0,
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
  FindingRow: {
    asset_name: "",
    item: "",
    recommendation: "",
    round: 1,
    step: "open",
    owner: "",
    is_overdue: false,
    follow_ups: {},
  },
  FindingStep: {
    round: 1,
    step: "open",
  },
  Form: {
    limits: [],
  },
  Generated: {
    made: [],
    existing: 0,
  },
  Group: {
    required: true,
    places: [],
    count_min: 0,
    layout: "list",
  },
  HandOver: {
    site_name: "",
    backup: false,
  },
  HistoryRow: {
    kind: "",
    person_name: "",
    device_name: "",
    is_office: false,
    paths: [],
  },
  Inspection: {
    answers: {},
    elements: {},
    remarks: {},
    note: "",
    step: {},
  },
  InspectionDetail: {
    answers: {},
    elements: {},
    judged: [],
    order: [],
    before_by: "",
    remarks: {},
    note: "",
    photos: [],
    signatures: [],
    findings: [],
    visits: [],
    conflicts: [],
    history: [],
    obstacles: [],
    may: [],
  },
  InspectionPage: {
    offset: 0,
  },
  InspectionRow: {
    asset_name: "",
    asset_number: "",
    position: "",
    room_name: "",
    round: 1,
    abnormal: 0,
    warning: 0,
    photos_waiting: 0,
    conflicts: 0,
  },
  Item: {
    required: true,
  },
  Judged: {
    asked: false,
    missing: false,
    incomplete: false,
    reasons: [],
    unit: "",
  },
  LabelOrder: {
    assets: [],
    blank: 0,
    batch: "",
    layout: "a4-3x8",
    language: "zh-CN",
    skip: 0,
  },
  LastReading: {
    verdict: "normal",
  },
  Made: {
    monotonic_ms: 0,
  },
  Member: {
    phone: "",
    active: true,
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
  OfficeEdited: {
    heads: {},
  },
  OfficeOp: {
    base: 0,
    new: false,
    set: {},
    add: {},
    remove: {},
    withdraw: false,
  },
  Op: {
    base: 0,
    new: false,
    set: {},
    add: {},
    remove: {},
    withdraw: false,
    witness: false,
    words: "",
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
  Photo: {
    item: "",
    name: "",
    width: 0,
    height: 0,
    caption: "",
    waiting: false,
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
  PlanPage: {
    offset: 0,
  },
  Problem: {
    detail: "",
    errors: [],
    differences: [],
    supported: [],
  },
  Progress: {
    done: 0,
    abnormal: 0,
    to_review: 0,
    returned: 0,
    photos_waiting: 0,
    ticks: [],
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
  ReturnRemark: {
    item: "",
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
  SeverityCount: {
    open: 0,
    overdue: 0,
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
  Signed: {
    item: "",
    name: "",
    title: "",
    strokes: "",
    absent_reason: "",
    changed_after: false,
  },
  Site: {
    address: "",
    time_zone: "Asia/Shanghai",
    contacts: [],
    access: "",
  },
  SitePage: {
    offset: 0,
  },
  SiteRow: {
    address: "",
    contract_number: "",
    assets: 0,
    open_rounds: 0,
    open_findings: 0,
  },
  Step: {
    round: 1,
    step: "draft",
  },
  Tag: {
    retired: false,
  },
  TagAnswer: {
    batch: "",
  },
  Target: {
    withdrawn: false,
  },
  TargetRow: {
    asset_name: "",
    asset_number: "",
    room_name: "",
    position: "",
    step: "open",
    tick: "open",
    inspector_name: "",
    abnormal: 0,
    warning: 0,
    photos_waiting: 0,
  },
  TextItem: {
    required: true,
    multiline: false,
  },
  Today: {
    due_today: 0,
    overdue: 0,
    done_today: 0,
    to_review: 0,
    open_rounds: 0,
    rounds: [],
    findings: [],
    devices: [],
    conflicts: [],
    conflicts_total: 0,
  },
  Visit: {
    contact: "",
    problems: {},
    note: "",
  },
  VisitRow: {
    contact: "",
    problems: [],
    note: "",
  },
  Why: {
    rule: "",
  },
} as const;
