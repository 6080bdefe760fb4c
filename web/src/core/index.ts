/** The one door of the headless core. */
export * from "./book/market-book";
export * from "./book/store";
export * from "./money/money";
export * from "./odds/formats";
export * from "./odds/odds";
export * from "./proof/exact-json";
export type { ProofCheck } from "./proof/fields";
export { earlierCodes } from "./proof/proven-results";
export * from "./proof/round-proof";
export * from "./slip/exchange";
export * from "./slip/fixed-odds";
export * from "./slip/pool";
export * from "./stream/connection";
export * from "./stream/protocol";
