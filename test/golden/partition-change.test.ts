import { testSuite } from "./suite-test.ts";

testSuite("partition-change");
