"""bus -> store -> REST, events and live view -> wall."""
