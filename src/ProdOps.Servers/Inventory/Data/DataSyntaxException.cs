namespace ProdOps.Servers.Inventory.Data;

/// <summary>Ends the parsing of a text at its first error. It does not leave the parser.</summary>
internal sealed class DataSyntaxException(int offset, string message, string recommendation) : Exception(message)
{
    public int Offset => offset;

    public string Recommendation => recommendation;
}
