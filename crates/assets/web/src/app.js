// What every page runs. Each module mends one thing a page can do without.
import './server.js';
import './keys.js';
import './palette.js';
import './dialogs.js';
import './forms.js';
import './lock.js';
import './page.js';
import './note.js';
import './picker.js';
