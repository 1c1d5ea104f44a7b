using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ProdOps.Recovery.Planning;

/// <summary>What of a server's names and contents can be written into a plan. Names come from the server: what could be taken for something else stays out.</summary>
internal static partial class PlanText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool IsPath(string path) => path.StartsWith('/') && !path.Contains('\ufffd') && !path.Any(char.IsControl) && !path.Split('/').Contains("..");

    public static bool IsAccount(string? name) => name is not null && AccountPattern().IsMatch(name);

    /// <summary>Whether a name is one line of text that can stand in a plan as it is.</summary>
    public static bool IsLine(string? text) => !string.IsNullOrWhiteSpace(text) && text.Trim() == text && !text.Any(c => char.IsControl(c) || c == '\ufffd');

    public static bool IsPackage(string name) => PackagePattern().IsMatch(name);

    public static bool IsUnit(string name) => UnitPattern().IsMatch(name);

    /// <summary>The content as text, where it is one that people can read and edit.</summary>
    public static string? TextOf(byte[] content)
    {
        try
        {
            return content.Length <= 16 * 1024 && Strict.GetString(content) is var text && text.All(c => c is '\n' or '\t' || !char.IsControl(c)) ? text : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The name of a file beside the plan with the content of a server's file.</summary>
    public static string SourceOf(string plan, string path) =>
        $"{plan}.files/{string.Concat(Path.GetFileName(path).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_')).TrimStart('.')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..12]}";

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_.-]*\$?\z")]
    private static partial Regex AccountPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9+._-]*(:[a-z0-9]+)?(=[A-Za-z0-9.+:~-]+)?\z")]
    private static partial Regex PackagePattern();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9:_.@\\-]*\z")]
    private static partial Regex UnitPattern();
}
