/** The script of the room page. */
document.documentElement.dataset.assay = "room";
