// The editor: everything it has beyond plain forms.
import "./autosave.js";
import "./follow-saves.js";
import "./go-to-field.js";
import "./leaving.js";
import "./markdown-toolbar.js";
import "./move-keys.js";
import "./outline-in-sight.js";
import "./pictures.js";
import "./rows.js";
