using System.Web;

namespace ProdOps.Servers.Inventory.Schema;

/// <summary>URLs of webhooks that are secrets themselves: whoever has one can send messages.</summary>
internal static class HookSecrets
{
    /// <summary>Services whose webhooks have no other secret than their URL.</summary>
    private static readonly string[] Services =
        ["hooks.slack.com", "hooks.slack-gov.com", "webhook.office.com", "logic.azure.com", "api.powerplatform.com", "discord.com", "discordapp.com", "chat.googleapis.com"];

    private static readonly string[] Words = ["token", "key", "secret", "password", "sig", "signature", "auth", "code"];

    /// <summary>A generated part of a path is long and has letters and digits; names that people give are not like that.</summary>
    private const int GeneratedLength = 20;

    /// <summary>True if somebody could do harm with the URL alone, as far as its look tells.</summary>
    public static bool IsSecret(Uri url) =>
        Services.Any(service => url.IdnHost.Equals(service, StringComparison.OrdinalIgnoreCase) || url.IdnHost.EndsWith("." + service, StringComparison.OrdinalIgnoreCase))
        || url.UserInfo.Length > 0
        || HttpUtility.ParseQueryString(url.Query).AllKeys.Any(static name => name is not null && Words.Any(word => name.EndsWith(word, StringComparison.OrdinalIgnoreCase)))
        || url.AbsolutePath.Split('/').Any(static part => Guid.TryParse(part, out _) || (part.Length >= GeneratedLength && part.Any(char.IsAsciiDigit) && part.Any(char.IsAsciiLetter) && part.All(char.IsAsciiLetterOrDigit)));
}
