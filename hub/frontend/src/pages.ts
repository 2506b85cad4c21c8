/** The script of the desk's pages: small conveniences; every page works without it as well. */
import "htmx.org";
import { startScoring } from "./cards";
import { startCopying, startWaiting } from "./desk";
import { startDisclosures } from "./disclosures";
import { startChoosing, startFallingBack } from "./lists";
import { startMarking } from "./marking";
import { startWizard } from "./wizard";

startCopying();
startDisclosures();
startWaiting();
startChoosing();
startFallingBack();
startMarking();
startScoring();
startWizard();
