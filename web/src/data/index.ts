/** What features share: who one is, what the house says of itself, what is live. */
export { call, http, newKey, type Schemas } from "@/api/client";
export { ApiProblem } from "@/api/problem";
export * from "./account";
export * from "./client";
export * from "./config";
export * from "./live";
export * from "./preferences";
export * from "./session";
