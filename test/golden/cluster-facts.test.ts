import { testSuite } from "./suite-test.ts";

testSuite("cluster-facts");
