/** What features share: who one is, what the house says of itself, what is live. */
export { call, http, newKey, type Schemas } from "@/api/client";
export { ApiProblem } from "@/api/problem";
export * from "./account";
export * from "./announcing";
export * from "./client";
export * from "./commands";
export * from "./config";
export * from "./events";
export * from "./favourites";
export * from "./live";
export * from "./part";
export * from "./passkeys";
export * from "./preferences";
export * from "./rounds";
export * from "./session";
export * from "./unread";
