import { testSuite } from "./suite-test.ts";

testSuite("exponential-backoff");
