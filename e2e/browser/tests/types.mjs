// The modules of the page, checked by the compiler of TypeScript.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL("..", import.meta.url));

export default {
  async "the modules are sound"() {
    await promisify(execFile)("npx", ["--no-install", "tsc", "-p", "."], { cwd: here }).catch((error) => {
      throw new Error(error.stdout);
    });
  },
};
