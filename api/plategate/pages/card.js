// The language of the pages that stand outside the dashboard; put into each as it is served.
/* exported speak */

/**
 * Shows the page's texts in the chosen language (the browser's at first) and lets the button switch it.
 * @param texts by language and key; `other` names the other language
 * @param shown called with the language after each change
 * @returns the texts of the present language
 */
function speak(texts, shown = () => {}) {
  let language =
    localStorage.getItem("plategate.language") ||
    (navigator.language.startsWith("th") ? "th" : "en");
  const button = document.getElementById("language");
  const show = () => {
    document.documentElement.lang = language;
    for (const element of document.querySelectorAll("[data-text]"))
      element.textContent = texts[language][element.dataset.text];
    button.textContent = texts[language].other;
  };
  button.onclick = () => {
    language = language === "th" ? "en" : "th";
    localStorage.setItem("plategate.language", language);
    show();
    shown();
  };
  show();
  return () => texts[language];
}
