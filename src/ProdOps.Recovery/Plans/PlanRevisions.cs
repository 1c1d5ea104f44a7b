using System.Security.Cryptography;
using System.Text;

namespace ProdOps.Recovery.Plans;

/// <summary>What makes a revision of a plan: its text, and the files that its steps take from beside it.</summary>
internal static class PlanRevisions
{
    /// <summary>SHA-256 over the text and the SHA-256 of each source, as lower-case hexadecimal. A source that is not there counts as such.</summary>
    public static string HashOf(string text, RecoveryPlan plan)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        foreach (string source in plan.Steps.SelectMany(step => step.Files).Where(file => file.Source is not null).Select(file => PlanFiles.SourceOf(plan, file)).Distinct().Order(StringComparer.Ordinal))
        {
            try
            {
                using var file = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                hash.AppendData(SHA256.HashData(file));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                hash.AppendData("missing"u8);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
