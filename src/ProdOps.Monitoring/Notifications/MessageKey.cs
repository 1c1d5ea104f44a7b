using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Monitoring.Notifications;

/// <summary>
/// What a message is called wherever it goes, the same whenever it is sent again. The time is part of it, since numbers begin anew with a new store, and
/// what a receiver takes for a repetition it drops.
/// </summary>
internal static class MessageKey
{
    private const int LongestName = 40;

    /// <summary>The message: letters, digits and hyphens.</summary>
    public static string Of(NotificationMessage message) =>
        string.Create(CultureInfo.InvariantCulture, $"{Name(message.Environment)}-{message.Id}-{message.Time.ToUnixTimeMilliseconds()}");

    /// <summary>What messages about one incident have in common. It follows from the number alone: the message of the end may no longer know when it began.</summary>
    public static string OfIncident(NotificationMessage message, NotificationItem item) => string.Create(CultureInfo.InvariantCulture, $"{Name(message.Environment)}-incident-{item.Incident}");

    /// <summary>An environment's name where only letters, digits and hyphens may stand; what is changed by that gets a hash, so that two names stay two.</summary>
    private static string Name(string environment)
    {
        if (environment.Length == 0) return "prodops";
        string kept = string.Concat(environment.Where(static c => char.IsAsciiLetterOrDigit(c) || c == '-').Take(LongestName));
        return kept == environment ? kept : $"{kept}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(environment)).AsSpan(0, 4))}".TrimStart('-');
    }
}
