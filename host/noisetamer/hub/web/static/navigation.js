// On a phone the pages stand in one line that is wider than it: where one is comes into sight.
"use strict";

{
  const here = document.querySelector("nav [aria-current]");
  const line = here?.closest("ul");
  if (line) line.scrollLeft = here.offsetLeft + here.offsetWidth - line.offsetLeft - line.clientWidth + 60;
}
