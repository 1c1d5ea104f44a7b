namespace ProdOps.Backup.Storage;

/// <summary>A container of Azure's blob storage: <c>azure:container:/prefix</c>. The account has no place in it.</summary>
internal sealed class AzureAddress : RepositoryAddress
{
    private AzureAddress(string container, string prefix) => (Container, Prefix) = (container, prefix);

    public string Container { get; }

    /// <summary>What all names in the container begin with, without slashes around it; may be empty.</summary>
    public string Prefix { get; }

    public override string Location => $"azure:{Container}:/{Prefix}";

    public static new AzureAddress Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string container = colon < 0 ? text : text[..colon];
        // https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
        if (colon < 0 || container.Length is < 3 or > 63 || !container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
            throw BackupErrors.LocationInvalid("azure", "it is not azure:container:/prefix");
        return new AzureAddress(container, CleanPath("azure", text[(colon + 1)..]));
    }
}
