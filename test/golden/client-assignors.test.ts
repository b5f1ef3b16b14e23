import { testSuite } from "./suite-test.ts";

testSuite("client-assignors");
