/** The kit: what every page is made of. */
export * from "./button";
export * from "./classes";
export * from "./copy";
export * from "./field";
export * from "./figures";
export * from "./layout";
export * from "./overlay";
export * from "./preferences";
export * from "./qr";
export * from "./slip-place";
export * from "./states";
export * from "./table";
export * from "./tabs";
export * from "./toast";
