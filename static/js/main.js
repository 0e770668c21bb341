// What every page gets. A behaviour finds its elements by data attributes or roles; every page works without it.
import "./tabs.js";
import "./dialogs.js";
import "./menus.js";
import "./keys.js";
import "./messages.js";
import "./wide-details.js";
import "./search-dialog.js";
