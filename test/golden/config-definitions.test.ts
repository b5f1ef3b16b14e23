import { testSuite } from "./suite-test.ts";

testSuite("config-definitions");
