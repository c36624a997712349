// Every address of the office's API, each with the type of its answer. Rule: no screen spells one.

import { ROWS_PER_LIST_MAX } from "../../wire/limits.ts";
import type {
  AssetDetail,
  AssetPage,
  AssignmentDetail,
  AssignmentPage,
  ContractPage,
  DevicePage,
  DuplicatePage,
  InspectionDetail,
  InspectionPage,
  LabelBatchPage,
  OfficeAudit,
  PersonName,
  PersonPage,
  PlanPage,
  ReportOf,
  ReportPage,
  ReportSubject,
  ReportSubjects,
  SignatureDetail,
  SitePage,
  TagAnswer,
  Today,
  VisitDetail,
  WaitingDetail,
  WaitingPage,
} from "../../wire/types.ts";
import { language } from "../words/index.ts";
import { everyPage, type Kept, shelf } from "./state.ts";

/** Rows of a page at a desk, where one goes from row to row. */
export const PAGE = ROWS_PER_LIST_MAX;

type Part = string | number | boolean | null | undefined;
type Query = Readonly<Record<string, Part | readonly string[]>>;

/** An address with what was given of a query; empty values are left out. */
export function withQuery(path: string, query: Query): string {
  const wanted = Object.entries(query).flatMap(([name, value]) =>
    [value ?? ""].flat().flatMap((one) => (one === "" ? [] : [[name, `${one}`]])),
  );
  const text = new URLSearchParams(wanted).toString();
  return text === "" ? path : `${path}?${text}`;
}

const todays = shelf<Today>();
const rounds = shelf<AssignmentPage>();
const round = shelf<AssignmentDetail>();
const queue = shelf<InspectionPage>();
const result = shelf<InspectionDetail>();
const assets = shelf<AssetPage>();
const asset = shelf<AssetDetail>();
const sites = shelf<SitePage>(everyPage);
const plans = shelf<PlanPage>(everyPage);
const crew = shelf<readonly PersonName[]>();
const contracts = shelf<ContractPage>();
const people = shelf<PersonPage>();
const devices = shelf<DevicePage>();
const waiting = shelf<WaitingPage>();
const change = shelf<WaitingDetail>();
const batches = shelf<LabelBatchPage>();
const duplicates = shelf<DuplicatePage>();
const reports = shelf<ReportPage>();
const reportsOf = shelf<ReportSubjects>();
const audits = shelf<OfficeAudit>();
const visit = shelf<VisitDetail>();
const signature = shelf<SignatureDetail>();

export const READS = {
  today: (): Kept<Today> => todays("/office/today"),
  rounds: (query: Query): Kept<AssignmentPage> => rounds(withQuery("/office/assignments", query)),
  round: (id: string): Kept<AssignmentDetail> => round(`/office/assignments/${id}`),
  /** What waits for a decision, a page of it. */
  queue: (query: Query): Kept<InspectionPage> =>
    queue(withQuery("/office/inspections", { state: "submitted", ...query, limit: PAGE })),
  result: (id: string): Kept<InspectionDetail> => result(`/office/inspections/${id}`),
  assets: (query: Query): Kept<AssetPage> => assets(withQuery("/office/assets", query)),
  asset: (id: string): Kept<AssetDetail> => asset(`/office/assets/${id}`),
  /** All sites: they are chosen from. */
  sites: (): Kept<SitePage> => sites(withQuery("/office/sites", { limit: PAGE })),
  /** All plans: one is chosen to make rounds of. */
  plans: (): Kept<PlanPage> => plans(withQuery("/office/plans", { limit: PAGE })),
  /** Whom a round at a site can be assigned to. */
  crew: (site: string): Kept<readonly PersonName[]> => crew(`/office/sites/${site}/inspectors`),
  contracts: (offset: number): Kept<ContractPage> =>
    contracts(withQuery("/office/contracts", { offset: offset || "" })),
  people: (query: Query): Kept<PersonPage> => people(withQuery("/office/people", query)),
  devices: (query: Query): Kept<DevicePage> => devices(withQuery("/office/devices", query)),
  waiting: (query: Query): Kept<WaitingPage> =>
    waiting(withQuery("/office/waiting", { ...query, limit: PAGE })),
  /** One change that waits. */
  change: (op: string): Kept<WaitingDetail> => change(`/office/waiting/${op}`),
  visit: (id: string): Kept<VisitDetail> => visit(`/office/visits/${id}`),
  signature: (id: string): Kept<SignatureDetail> => signature(`/office/signatures/${id}`),
  batches: (): Kept<LabelBatchPage> => batches("/office/labels/batches"),
  duplicates: (query: Query): Kept<DuplicatePage> =>
    duplicates(withQuery("/office/assets/duplicates", query)),
  audit: (): Kept<OfficeAudit> => audits("/office/audit"),
  reports: (query: Query): Kept<ReportPage> => reports(withQuery("/office/reports", query)),
  /** A round with its visits, or one visit, each with its reports. */
  reportsOf: (of: string, kind: ReportOf): Kept<ReportSubjects> =>
    reportsOf(withQuery("/office/reports/subjects", { of, of_kind: kind })),
} as const;

export const TAG = (code: string): { path: string; type?: TagAnswer } => ({
  path: `/office/tags/${code}`,
});
export const EVENTS = "/office/events";

export const WRITES = {
  signOut: "/office/logout",
  password: "/office/me/password",
  language: "/office/me/language",
  decide: (id: string) => `/office/inspections/${id}/decision`,
  undo: (id: string) => `/office/inspections/${id}/undo`,
  ops: "/office/ops",
  generate: (plan: string) => `/office/plans/${plan}/generate`,
  settle: (op: string) => `/office/waiting/${op}/decide`,
  tickets: "/office/tickets",
  signLink: (visit: string) => `/office/visits/${visit}/links`,
  withdrawLink: (id: string) => `/office/sign-links/${id}/withdraw`,
  person: (person: string) => `/office/people/${person}/change`,
  deactivate: (person: string) => `/office/people/${person}/deactivate`,
  reactivate: (person: string) => `/office/people/${person}/reactivate`,
  rescue: "/office/rescue",
  endDevice: (id: string) => `/office/devices/${id}/end`,
  labels: "/office/labels",
  labelPreview: "/office/labels/preview",
  retireBatch: "/office/labels/batches/retire",
  reports: "/office/reports",
  look: "/office/audit/look",
} as const;

/** What a report is made of, as a table, in the language of the moment. */
export function reportTable(of: ReportSubject, format: "csv" | "xlsx"): string {
  const asked = { of: of.of, of_kind: of.of_kind, language: language.value, format };
  return withQuery("/office/reports/table", asked);
}

/** The picture of a tag: QR code and the code in letters. */
export function tagPicture(code: string): string {
  return `/office/tags/${code}.svg`;
}
