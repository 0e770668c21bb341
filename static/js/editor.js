// The editor: everything it has beyond plain forms.
import "./autosave.js";
import "./comments.js";
import "./drag-steps.js";
import "./follow-saves.js";
import "./go-to-field.js";
import "./leaving.js";
import "./markdown-toolbar.js";
import "./move-keys.js";
import "./next-step.js";
import "./outline-in-sight.js";
import "./outline-sections.js";
import "./paste-list.js";
import "./pictures.js";
import "./presence.js";
import "./rows.js";
import "./step-kind.js";
