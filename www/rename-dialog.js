/* rename-dialog: the dialog in which visitors change their own name. */

import { $, markInvalid, whileBusy } from "./elements.js";
import { markNicknameError } from "./entry.js";
import { errorText } from "./words.js";

export class RenameDialog {
  #rename;
  #failed;

  /**
   * @param {object} options
   * @param {() => string} options.nickname the present one
   * @param {(nickname: string) => Promise<void>} options.rename
   * @param {(error: import("./parlor.js").ParlorError) => void} options.failed
   */
  constructor({ nickname, rename, failed }) {
    this.#rename = rename;
    this.#failed = failed;
    $("rename").addEventListener("click", () => this.#open(nickname()));
    $("rename-form").addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy($("rename-save"), () => this.#submit());
    });
    $("rename-cancel").addEventListener("click", () => $("rename-dialog").close());
  }

  /** @param {string} nickname */
  #open(nickname) {
    $("rename-error").textContent = "";
    markInvalid($("rename-nickname"), false);
    $("rename-nickname").value = nickname;
    $("rename-dialog").showModal();
    $("rename-nickname").select();
  }

  async #submit() {
    $("rename-error").textContent = "";
    try {
      await this.#rename($("rename-nickname").value.trim());
      $("rename-dialog").close();
    } catch (error) {
      $("rename-error").textContent = errorText(error);
      markNicknameError($("rename-nickname"), error);
      this.#failed(error);
    }
  }
}
