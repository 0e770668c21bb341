// The translation editor: each of its forms saves itself.
import "./autosave.js";
import "./leaving.js";
