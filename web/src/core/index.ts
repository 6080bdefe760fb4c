/** The one door of the headless core. */
export * from "./book/brief-market";
export * from "./book/market-book";
export * from "./book/store";
export * from "./clock/clock";
export * from "./money/money";
export * from "./odds/formats";
export * from "./odds/odds";
export * from "./preferences/preferences";
export * from "./proof/exact-json";
export * from "./proof/round-proof";
export * from "./slip/draft";
export * from "./slip/exchange";
export * from "./slip/fixed-odds";
export * from "./slip/pool";
export * from "./stream/connection";
export * from "./stream/protocol";
export * from "./text/words";
