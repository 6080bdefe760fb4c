/** Writes the types of the HTTP API, from the document that the server's own tests keep true. */
import { writeFile } from "node:fs/promises";
import openapiTypeScript, { astToString } from "openapi-typescript";

const document = new URL("../../tests/edges/protocol/openapi.json", import.meta.url);
const target = new URL("../src/api/schema.d.ts", import.meta.url);

const nodes = await openapiTypeScript(document, { emptyObjectsUnknown: true });
await writeFile(
  target,
  `// Made by \`npm run api\` from the server's OpenAPI document. Not to be changed.\n${astToString(nodes)}`,
);
