import { testSuite } from "./suite-test.ts";

testSuite("sender-trace");
