import { testSuite } from "./suite-test.ts";

testSuite("offset-commits");
