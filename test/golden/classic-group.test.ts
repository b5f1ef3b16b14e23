import { testSuite } from "./suite-test.ts";

testSuite("classic-group");
