/** Shows the hand-made views on a real terminal: bundle it with esbuild and run it. */
import process from "node:process";
import { openDashboard } from "../../src/ui/app.tsx";
import { handMadeViews, header, stillSession } from "./hand-made-views.ts";

const views = handMadeViews();
await openDashboard({
  session: stillSession(),
  stdin: process.stdin,
  stdout: process.stdout,
  env: process.env,
  language: process.env["SAMSA_LANG"] === "ko" ? "ko" : "en",
  viewsOf: (frame) => ({ ...views, header: { ...header, paused: frame.paused, now: frame.now } }),
});
