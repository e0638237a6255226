// The anchor of a link from a ticket goes along; without a script the page is opened at its top.
const to = document.getElementById('to');
to.href += location.hash;
location.replace(to.href);
