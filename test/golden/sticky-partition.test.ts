import { testSuite } from "./suite-test.ts";

testSuite("sticky-partition");
