import { testSuite } from "./suite-test.ts";

testSuite("key-partition");
