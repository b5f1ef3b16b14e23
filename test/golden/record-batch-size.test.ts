import { testSuite } from "./suite-test.ts";

testSuite("record-batch-size");
