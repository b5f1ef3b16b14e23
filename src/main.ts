import { runCommandLine } from "./cli/command-line.ts";
import { keepHeapSmall } from "./cli/heap.ts";

keepHeapSmall();
process.exitCode = await runCommandLine(process.argv.slice(2));
