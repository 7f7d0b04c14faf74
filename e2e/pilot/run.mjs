// Everything, in turn. See `run`.

import { finish } from "../checks.mjs";
import { input } from "./input.mjs";
import { mcp } from "./mcp.mjs";
import { model } from "./model.mjs";

await mcp();
await model();
await input();
finish();
